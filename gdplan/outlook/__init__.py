"""Pure forecasting on arrays: projections, paths, draws."""

from gdplan.outlook.projection import Projection, project

__all__ = ["Projection", "project"]
