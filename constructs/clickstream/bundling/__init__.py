"""Lambda bundles, built without docker."""
