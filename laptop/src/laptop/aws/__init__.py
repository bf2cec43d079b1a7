"""The AWS side of the laptop cloud: MiniStack, and what our templates and events need that it lacks."""
