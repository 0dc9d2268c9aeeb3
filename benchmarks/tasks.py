"""Chapter 10's heads over several seeds: what, when, who and where, say it.

Six parts, all on the chapter's trunk, trained to tell windows of a second apart:

    what   a film's class from five windows: probabilities or logits; softmax or sigmoid for
           films with several labels
    when   windows stamped at their start, centre and end; a dense head on the same trunk; their
           errors sorted
    who    two puppets: a head that reads boxes beside one that reads the whole film, on films in
           which the two exchange what they do, and with boxes that are wrong
    say    captions from averaged, attended and ordered features; greedy and beam; what goes wrong
    together   a trunk at rest beside one that learns on with its head: the dense head, captions
           of one puppet and of two; by far the longest part
    real   what the networks say of footage that shows nothing they know

A row of differences is taken seed by seed: a seed sets the first weights and the order of clips;
the films stay the same.
"""

from by_cue import run_parts
from task_parts import real, say, together, what, when, who

PARTS = {
    "what": what.show,
    "when": when.show,
    "who": who.show,
    "say": say.show,
    "together": together.show,
    "real": real.show,
}

if __name__ == "__main__":
    run_parts(__doc__, PARTS)
