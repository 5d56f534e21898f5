"""The checks of `doctor`: one small function per check, registered in `usecases/doctor.py`. None changes anything."""
