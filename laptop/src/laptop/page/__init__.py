"""The page on the laptop: the deployed dashboard as its own definition says, with live numbers and the latest rows."""
