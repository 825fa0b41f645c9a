"""The witness: whether a log only ever grew, said by somebody who does not run it (C2SP tlog-witness v1)."""
