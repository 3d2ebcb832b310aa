"""A folder of exports comes in, a proposed workspace file goes out, with what was guessed and why.

Part of ``sources``. It never decides in silence what is won or lost, nor what 03/04 means.
"""
