"""The commands of `clearance`: each a thin function that calls one verb."""
