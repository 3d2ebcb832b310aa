"""The methods of forecasting, each a class in a file, fitted on the past alone.

``offered`` lists them.
"""
