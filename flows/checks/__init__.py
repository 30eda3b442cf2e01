"""The checks of ``joulehouse doctor``, by what they look at."""
