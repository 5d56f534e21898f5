"""What `doctor` looks at: one small function a check, registered in `usecases/doctor.py`. None changes anything."""
