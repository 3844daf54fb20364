"""Who answered what? Attackers with copies of every file try to join a person and a sealed answer.

Its words: *joined* (the attacker's guess for a person), *linked* (a guess that is right), *chance* (what guessing blindly
would link), *control* (a store built the usual way, which the same attacker must break).
"""
