"""Real servers and emulators that the channel tests run against: installed once into .cache/channel-servers, then started.

`with servers.<name>.running(home) as server:` starts one; leaving the block stops its whole process group.
"""
