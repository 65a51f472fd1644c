from memeprobe.dashboard.app import main

main()
