"""The laptop cloud's page: the deployed dashboards, drawn from their definitions, with live values and latest rows."""
