"""Running a home: its processes, and the development consortium."""
