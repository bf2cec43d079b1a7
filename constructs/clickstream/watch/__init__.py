"""What wakes people: metrics, alarms by service, and where they lead."""
