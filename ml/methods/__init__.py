"""The prediction methods: one estimator a file, listed in :mod:`ml.methods.registry`."""
