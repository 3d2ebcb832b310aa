"""What pyproject.toml cannot say: an editable install, too, brings the Jupyter kernel along."""

from setuptools import Distribution, setup


class WithDataFiles(Distribution):
    """Answers to the name by which setuptools' editable install asks for data files."""

    def has_data(self) -> bool:
        """Say whether there are data files; setuptools itself only defines `has_data_files`."""
        return bool(self.has_data_files())


setup(distclass=WithDataFiles)
