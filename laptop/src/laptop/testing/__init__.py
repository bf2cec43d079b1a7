"""What tests need of the laptop cloud: an emulator, a Snowflake stand-in in the same process, and waiting."""
