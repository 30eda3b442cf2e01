"""Prediction of the energy and carbon of AI: features, methods, evaluation, registry, prediction.

The dashboard and the command line use :mod:`ml.predict`; the flows use :mod:`ml.train`.
"""
