"""The AWS side of the laptop cloud: MiniStack, with the features it lacks for the pipeline's templates and events."""
