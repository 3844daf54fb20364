"""The pages of the installation: what is settled, and where each line is."""
