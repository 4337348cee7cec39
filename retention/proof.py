"""Showing that a key was erased: its digest stands in the list of a batch, whose root is in the evidence."""

from bisect import bisect_left
from dataclasses import dataclass

from foundation.evidence import verifier
from retention.mapping import Key
from retention.models import Batch, ErasureList, Run, Target
from retention.running import digests, seals


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """The way from a digest to the root of its batch; anybody can walk it without the run's key."""

    digest: str
    index: int
    count: int
    path: tuple[str, ...]

    def leads_to(self, root: str) -> bool:
        """Whether the digest is one of those that this root stands for."""
        leaf = digests.leaf(bytes.fromhex(self.digest))
        return verifier.root_by_path(leaf, self.index, self.count, self.path) == root


def find_erasure(target: Target, key: Key) -> tuple[Batch, InclusionProof] | None:
    """Return the newest batch with which a key went, and the proof; None where no list that is left holds it."""
    lists = ErasureList.objects.filter(batch__run__target=target).select_related("batch__run")
    run: Run | None = None
    wanted = b""
    for one in lists.order_by("-batch__run", "-batch__number").iterator(chunk_size=20):
        if one.batch.run != run:
            run = one.batch.run
            wanted = digests.digest(key, run_key=seals.run_key(run))
        found = _proof(digests.split(bytes(one.digests)), wanted)
        if found is not None and found.leads_to(one.batch.root):
            return one.batch, found
    return None


def _proof(all_of_them: list[bytes], wanted: bytes) -> InclusionProof | None:
    index = bisect_left(all_of_them, wanted)
    if index == len(all_of_them) or all_of_them[index] != wanted:
        return None
    tree = verifier.levels([digests.leaf(one) for one in all_of_them])
    return InclusionProof(wanted.hex(), index, len(all_of_them), tuple(verifier.path(tree, index)))
