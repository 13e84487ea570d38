"""The domain of sangfroid, an online-reputation crisis desk: rules in plain Python, stores and channels at its edge."""
