"""The commit protocol as steps between small immutable states.

What is modelled is what processes may do to the two stores in any order, not the code: a base file
replaced by compare-and-set, a ring of slots with a conditional append, containers with a copy of
the collection, a network that loses and delays, and a hand that puts a file of its own in the
place of the base. A step touches one store once at most, so that whatever can come in between does;
a container that stands still for a while is one whose next step is taken late. `Flaw` lists what
may be left out of the protocol.

A change has the name of the try that made it: `a1` and `a2` are two tries of the request `a`, which
has a key, or two requests without one. A content is the changes that led to it, in their order.

Not modelled: spilled parts and their removal, segments that replace a whole collection, marks and
the sweep, a reused key with another body, a base file that vanishes, and a file put there by hand
that has the very bytes of an earlier one (an etag cannot tell these two apart).
"""

from collections.abc import Callable, Iterator
from functools import cache

from tests.storage.protocol_worlds import (
    FOREIGN,
    LEGACY,
    Base,
    Config,
    Container,
    Content,
    Entry,
    Flaw,
    Ring,
    Step,
    World,
    acknowledged,
    added,
    answered,
    delayed,
    first_state,
    fresh,
    gone,
    idle,
    newest,
    resumed,
)


class Protocol:
    """The steps that may be taken from a state."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._flaw = config.flaw
        self._slots = config.slots
        self._works = {work.name: work for work in config.work}
        self._empty = (Entry(0),) * config.slots
        self._unread = (None,) * config.slots
        self._steps: dict[str, Callable[[World, int, Container], Iterator[Step]]] = {
            "idle": self._idle,
            "cold": self._opening,
            "opening": self._opening,
            "foreign": self._looking_again,
            "adopting": self._adopting,
            "ready": self._ready,
            "sent": self._appending,
            "storing": self._storing,
        }
        self.opened = cache(self._opened)

    def start(self) -> World:
        config = self.config
        container = Container() if config.cold else Container(seq=0, base_seq=0)
        return World(
            LEGACY if config.legacy else Base(0, (), "0@0"),
            (self._empty,),
            (container,) * config.containers,
            tuple(work.count for work in config.work),
            config.chances,
        )

    def steps(self, w: World) -> Iterator[Step]:
        for i, c in enumerate(w.containers):
            yield from self._steps[c.step](w, i, c)
            if w.chances.crashes and (c.seq >= 0 or c.request):
                yield f"{i} crashes", w.put(i, gone(c), chances=w.chances.less("crashes"))
        yield from self._network(w)
        yield from self._hands(w)

    def alone(self, w: World, i: int) -> World:
        """The state after the next step of one container, if nothing goes wrong with it."""
        c = w.containers[i]
        return next(self._steps[c.step](w, i, c))[1]

    def is_keyed(self, entry: Entry) -> bool:
        return bool(entry.change) and self._works[entry.change[0]].keyed

    def rescue(self, w: World, ring: Ring) -> Content | None:
        """The state at the head as a version of the base that was replaced gives it."""
        own_only = self._flaw is Flaw.NO_CONFLICT_COPY_FROM_ADOPTED_FILE
        for version in filter(None, (w.base, *w.replaced)):
            opened = None if own_only and version.seq == FOREIGN else self.opened(version, ring)
            if opened and opened.seq == newest(ring):
                return opened.content
        return None if newest(ring) else ()

    # What a container does with a request.

    def _idle(self, w: World, i: int, c: Container) -> Iterator[Step]:
        """A fold begins, or a request comes in; the first step is taken at once."""
        if w.chances.folds and c.seq >= 0:
            yield from self._comparing(w._replace(chances=w.chances.less("folds")), i, c)
        if w.base is None:
            return
        if c.generation != w.generation:
            c = Container(generation=w.generation)
        step = "ready" if c.seq >= 0 else "cold"
        for n, work in enumerate(self.config.work):
            if w.left[n]:
                left = (*w.left[:n], w.left[n] - 1, *w.left[n + 1 :])
                request = f"{work.name}{work.count - left[n]}"
                floor = 0 if work.kind == "change" else w.shown
                bound = c._replace(request=request, floor=floor, step=step)
                yield from self._steps[step](w._replace(left=left), i, bound)

    def _ready(self, w: World, i: int, c: Container) -> Iterator[Step]:
        kind = self._works[c.request[0]].kind
        if kind == "change":
            yield from self._changing(w, i, c)
            return
        reads = kind == "read"
        unpolled = Flaw.READ_WITHOUT_POLL if reads else Flaw.NO_CHANGE_WITHOUT_POLL
        caught = c if self._flaw is unpolled else self._caught_up(c, w.rings[c.generation])
        if caught.step == "cold":
            yield f"{i} polls and has to open again", w.put(i, caught)
        elif caught == c or (reads and not self.config.torn):
            yield f"{i} answers {c.request} at {caught.seq}", answered(w, i, caught)
        else:
            yield f"{i} polls and comes to {caught.seq}", w.put(i, caught)

    def _changing(self, w: World, i: int, c: Container) -> Iterator[Step]:
        stored = next((entry for entry in c.keyed if entry.change[0] == c.request[0]), None)
        if stored and self._flaw is not Flaw.KEY_NOT_LOOKED_UP:
            yield f"{i} gives the outcome of {stored.change}", acknowledged(w, i, c, stored)
        elif c.base_seq < c.seq + 1 - self._slots and self._flaw is not Flaw.NO_RING_GUARD:
            yield from self._comparing(w, i, c)
        else:
            yield from self._appending(w, i, c)

    def _appending(self, w: World, i: int, c: Container) -> Iterator[Step]:
        """The append, sent the first time or again."""
        key_is_tx = self._flaw is Flaw.KEY_IS_THE_TX and self._works[c.request[0]].keyed
        tx = c.request[0] if key_is_tx else c.request
        entry = Entry(c.seq + 1, tx, c.request, folded=c.base_seq)
        after, occupant = self._delivered(w, c.generation, entry)
        yield from self._told(after, i, c, entry, occupant)
        what, doubtful = f"{i} appends {entry.change} at {entry.seq}", c._replace(step="sent")
        if w.chances.lost:
            less = w.chances.less("lost")
            yield f"{what}, the request is lost", w.put(i, doubtful, chances=less)
            if occupant is None:
                yield f"{what}, the answer is lost", after.put(i, doubtful, chances=less)
        if w.chances.crashes and occupant is None:
            yield f"{what} and crashes", after.put(i, gone(c), chances=w.chances.less("crashes"))
        if w.chances.delays:
            yield f"{what}, which is delayed", delayed(w.put(i, doubtful), c, entry)

    def _told(
        self, w: World, i: int, c: Container, entry: Entry, occupant: Entry | None
    ) -> Iterator[Step]:
        """The answer to an append arrives."""
        knows_own = self._flaw is not Flaw.OWN_ENTRY_NOT_RECOGNISED
        if occupant is None or (occupant.tx == entry.tx and knows_own):
            done = acknowledged(w, i, self._advanced(c, entry), entry)
            yield f"{i} commits {entry.change} as {entry.seq}", done
        elif occupant.seq > entry.seq:
            doubtful = c.step == "sent" and self._flaw is not Flaw.DOUBT_FORGOTTEN
            after = w.put(i, gone(c) if doubtful else fresh(c))
            yield f"{i} finds {occupant.seq} in the slot of {entry.seq}", after
        else:
            dirty = c._replace(content=(*c.content, entry.change))
            behind = self._applied(dirty if self._flaw is Flaw.NO_UNDO else c, occupant)
            yield f"{i} is refused {entry.change} at {entry.seq}", w.put(i, behind)
            if w.chances.give_ups:
                refused, less = added(w.refused, entry.change), w.chances.less("give_ups")
                given_up = w.put(i, idle(behind), refused=refused, chances=less)
                yield f"{i} is refused and gives {entry.change} up", given_up

    def _delivered(self, w: World, generation: int, entry: Entry) -> tuple[World, Entry | None]:
        """An append reaches the log; the occupant where it is refused."""
        ring, slot = w.rings[generation], entry.seq % self._slots
        same = self._flaw is Flaw.SAME_NUMBER_OVERWRITTEN and ring[slot].seq == entry.seq
        if not (ring[slot].seq < entry.seq or same or self._flaw is Flaw.UNCONDITIONAL_APPEND):
            return w, ring[slot]
        ring = (*ring[:slot], entry, *ring[slot + 1 :])
        after = w._replace(rings=(*w.rings[:generation], ring, *w.rings[generation + 1 :]))
        if generation != w.generation:
            return after, None
        history = (*w.history[: entry.seq - 1], entry, *w.history[entry.seq :])
        return after._replace(history=history), None

    def _caught_up(self, c: Container, ring: Ring) -> Container:
        while c.step == "ready" and (entry := ring[(c.seq + 1) % self._slots]).seq > c.seq:
            c = self._applied(c, entry)
            if self.config.torn:
                break
        return c

    def _applied(self, c: Container, entry: Entry) -> Container:
        """The copy after the commit of another one; none where it is not the next change."""
        passed_over = entry.adopts and self._flaw is Flaw.ADOPTION_OVERLOOKED
        if entry.seq != c.seq + 1 or (entry.adopts and not passed_over):
            return fresh(c)
        return self._advanced(c, entry)._replace(step="ready")

    def _advanced(self, c: Container, entry: Entry) -> Container:
        seen = (*c.keyed, entry) if self.is_keyed(entry) else c.keyed
        return c._replace(
            seq=entry.seq,
            content=(*c.content, entry.change) if entry.change else c.content,
            base_seq=max(c.base_seq, entry.folded),
            keyed=tuple(old for old in seen if old.seq > entry.seq - self._slots),
        )

    # How a container opens a copy.

    def _opening(self, w: World, i: int, c: Container) -> Iterator[Step]:
        """The base and the ring are read, in either order."""
        base, ring = c.held or (None, self._unread)
        if base is None and self._is_gone(w.base, c):
            yield f"{i} finds no collection", w.put(i, gone(c))
        elif base is None and w.base:
            yield f"{i} reads the base {w.base.etag}", self._read(w, i, c, w.base, ring)
        if None in ring and not self.config.torn:
            yield f"{i} reads the ring", self._read(w, i, c, base, w.rings[c.generation])
        elif None in ring:
            for n, entry in enumerate(w.rings[c.generation]):
                if ring[n] is None:
                    part = (*ring[:n], entry, *ring[n + 1 :])
                    yield f"{i} reads slot {n}", self._read(w, i, c, base, part)

    def _read(
        self, w: World, i: int, c: Container, base: Base | None, ring: tuple[Entry | None, ...]
    ) -> World:
        """What was read so far; once it is all, the copy that it gives."""
        if base is None or None in ring:
            return w.put(i, c._replace(step="opening", held=(base, ring)))
        whole = tuple(entry for entry in ring if entry)
        if self._flaw is Flaw.RING_NOT_READ_ON_OPEN:
            whole = self._empty
        elif self._is_torn(whole, base) and self._flaw is not Flaw.RING_OLDER_THAN_BASE:
            return w.put(i, c._replace(step="opening", held=(base, self._unread)))
        if first_state(base, whole) is None:
            return w.put(i, c._replace(step="foreign", held=(base, whole)))
        opened = self.opened(base, whole)
        if opened is None:
            return w.put(i, fresh(c))
        warm = opened._replace(generation=c.generation, request=c.request, floor=c.floor)
        if self._works[c.request[0]].kind == "change":
            return w.put(i, warm._replace(step="ready"))
        return answered(w, i, warm)

    def _is_torn(self, ring: Ring, base: Base) -> bool:
        """Whether the ring is not the whole last lap up to the base or later.

        Then it was read before the base, or while others committed, and keys would be missing.
        """
        last = newest(ring)
        lap = range(max(1, last - self._slots + 1), last + 1)
        return last < base.seq or any(ring[seq % self._slots].seq != seq for seq in lap)

    def _opened(self, base: Base, ring: Ring) -> Container | None:
        """The copy at the head; None where base and ring do not fit together."""
        first = first_state(base, ring)
        if first is None:
            return None
        held = {entry.seq: entry for entry in ring if entry.seq}
        past = [held[seq] for seq in sorted(held) if seq <= first]
        foreign = base.seq == FOREIGN
        kept = foreign and self._flaw is not Flaw.ADOPTION_COUNTS_AS_FOLDED
        c = Container(
            first,
            base.content,
            max([first - kept, *(entry.folded for entry in past)]),
            base.etag if foreign else "",
            tuple(entry for entry in past if self.is_keyed(entry)),
        )
        for seq in range(first + 1, newest(ring) + 1):
            if seq not in held and self._flaw is Flaw.GAP_OVERLOOKED:
                break
            if seq not in held or held[seq].adopts:
                return None
            c = self._advanced(c, held[seq])
        return c

    def _is_gone(self, base: Base | None, c: Container) -> bool:
        """Whether the collection that the container works for is not there any more."""
        if base is None:
            return True
        another = base.seq != FOREIGN and base.generation != c.generation
        return another and self._flaw is not Flaw.GENERATION_IGNORED

    def _looking_again(self, w: World, i: int, c: Container) -> Iterator[Step]:
        """Where the file is still there now that the ring is known, its predecessor is kept."""
        base, ring = c.held
        copy = () if self._flaw is Flaw.NO_CONFLICT_COPY else self.rescue(w, ring)
        if w.base != base and self._flaw is not Flaw.ADOPTION_ON_ONE_LOOK:
            yield f"{i} sees that the base moved on", w.put(i, fresh(c))
        elif copy is None:
            yield f"{i} cannot make a conflict copy", w.put(i, fresh(c))
        else:
            ready = c._replace(step="adopting", held=(base.etag, newest(ring)))
            kept = w.put(i, ready, rescued=added(w.rescued, *copy))
            yield f"{i} keeps a conflict copy of {newest(ring)}", kept

    def _adopting(self, w: World, i: int, c: Container) -> Iterator[Step]:
        etag, head = c.held
        entry = Entry(head + 1, c.request, adopts=etag, folded=head)
        after, occupant = self._delivered(w, c.generation, entry)
        what = f"{i} is refused adopting" if occupant else f"{i} adopts"
        yield f"{what} {etag} as {entry.seq}", after.put(i, fresh(c))
        if w.chances.delays:
            late = delayed(w.put(i, fresh(c)), c, entry)
            yield f"{i} adopts {etag} as {entry.seq}, which is delayed", late

    # How a container folds.

    def _comparing(self, w: World, i: int, c: Container) -> Iterator[Step]:
        """The fold looks at the base."""
        base = w.base
        if base is None or self._is_gone(base, c):
            yield f"{i} finds no collection to fold", w.put(i, gone(c))
        elif base.seq >= c.seq:
            learned = resumed(c._replace(base_seq=max(base.seq, c.base_seq)))
            yield f"{i} learns of base {base.seq}", w.put(i, learned)
        elif base.seq == FOREIGN and self._is_news(base, c):
            copy = () if self._flaw is Flaw.NO_CONFLICT_COPY else c.content
            ready = c._replace(step="adopting", held=(base.etag, c.seq))
            kept = w.put(i, ready, rescued=added(w.rescued, *copy))
            yield f"{i} keeps a conflict copy of {c.seq}", kept
        else:
            storing = c._replace(step="storing", held=(base.etag,))
            yield f"{i} will fold {c.seq} over {base.etag}", w.put(i, storing)

    def _is_news(self, base: Base, c: Container) -> bool:
        return base.etag != c.adopted and self._flaw is not Flaw.FOLD_OVER_FOREIGN_FILE

    def _storing(self, w: World, i: int, c: Container) -> Iterator[Step]:
        """The fold replaces the base that it saw."""
        (seen,) = c.held
        new = Base(c.seq, c.content, f"{c.generation}@{c.seq}", c.generation)
        after, stored = self._stored(w, new, seen)
        known = c._replace(base_seq=c.seq, adopted="") if stored else c
        what = f"{i} folds {c.seq}" if stored else f"{i} is refused folding {c.seq}"
        yield what, after.put(i, resumed(known))
        if w.chances.lost and stored:
            unsure = after.put(i, resumed(c), chances=w.chances.less("lost"))
            yield f"{what}, the answer is lost", unsure
        if w.chances.delays:
            late = delayed(w.put(i, resumed(c)), c, new, seen)
            yield f"{i} folds {c.seq}, which is delayed", late

    def _stored(self, w: World, new: Base, seen: str) -> tuple[World, bool]:
        """A write of the base arrives; whether it is not refused."""
        unchanged = w.base is not None and w.base.etag == seen
        if w.base is None or not (unchanged or self._flaw is Flaw.FOLD_WITHOUT_IF_MATCH):
            return w, False
        back = w.base.generation == new.generation and w.base.seq > new.seq
        return w._replace(base=new, fault="the base went back" if back else w.fault), True

    # What others do.

    def _network(self, w: World) -> Iterator[Step]:
        for n, (generation, message, seen) in enumerate(w.under_way):
            rest = w._replace(under_way=w.under_way[:n] + w.under_way[n + 1 :])
            if isinstance(message, Entry):
                landed = self._delivered(rest, generation, message)[0]
            else:
                landed = self._stored(rest, message, seen)[0]
            yield f"what was delayed arrives: {message.seq}", landed

    def _hands(self, w: World) -> Iterator[Step]:
        """People put a file into the store, delete their account, and register again."""
        if w.base is None:
            fresh_base = Base(0, (), f"{w.generation}@0", w.generation)
            yield "the name is registered again", w._replace(base=fresh_base)
            return
        if w.chances.outside:
            file, *rest = w.chances.outside
            less = w.chances._replace(outside=tuple(rest))
            changed = w._replace(base=file, replaced=(w.base, *w.replaced), chances=less)
            yield f"somebody puts {file.etag} there", changed
        if w.chances.deletions:
            rings, less = (*w.rings[:-1], self._empty, self._empty), w.chances.less("deletions")
            deleted = World(None, rings, w.containers, w.left, less, w.under_way)
            yield "the account is deleted", deleted
