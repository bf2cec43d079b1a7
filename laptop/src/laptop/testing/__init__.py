"""Test helpers: an emulator, a stand-in in the same process, damage to a laptop cloud, a browser, waiting."""
