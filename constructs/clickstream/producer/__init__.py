"""The sample producer: an EC2 instance that sends generated events."""
