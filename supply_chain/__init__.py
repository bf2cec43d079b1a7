"""What the project is made of: its dependencies, their licences, their bill of materials, their known weaknesses."""
