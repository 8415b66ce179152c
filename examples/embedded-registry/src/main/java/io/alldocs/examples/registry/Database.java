package io.alldocs.examples.registry;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The documents: the live names with their revisions and states, and the order of their changes. Reads run
 * concurrently. A change waits for earlier readers, so every page shows one consistent state.
 */
final class Database {
    /** Fraction of scoped names that are in npm's feed but not in its registry: 28,025 of 1,653,334 (August 2026). */
    private static final double SCOPED_NOT_FOUND = 0.017;
    /** The same fraction of unscoped names: 58 of 2,682,522. */
    private static final double UNSCOPED_NOT_FOUND = 0.00002;
    /**
     * This number is an assumption, because npm publishes no figure. It is high enough for a run over a few thousand
     * names to include both.
     */
    private static final double UNPUBLISHED = 0.001;

    private static final double SECURITY_HOLDER = 0.001;

    private final NameArena base;
    private final Revision revision;
    private final long seed;
    private final boolean mixedStates;
    private final Map<String, NameState> states = new ConcurrentHashMap<>();
    private final NavigableMap<byte[], Change> changes = new ConcurrentSkipListMap<>(Arrays::compareUnsigned);
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private volatile NameIndex names;
    private volatile Feed feed;
    private int drifted;
    private int churned;

    /** The last change of a name since the start. */
    record Change(int generation, int published, boolean deleted, long seq) {}

    /** The current state of a name in the registry. */
    record Document(byte[] name, int generation, int published, NameState state) {}

    Database(NameArena base, int deleted, long seed, boolean mixedStates, Map<String, NameState> states) {
        this.base = base;
        this.revision = new Revision(seed);
        this.seed = seed;
        this.mixedStates = mixedStates;
        this.states.putAll(states);
        this.names = NameIndex.of(base);
        this.feed = new Feed(seed, base.size(), deleted);
    }

    <T> T read(Supplier<T> reading) {
        return locked(lock.readLock(), reading);
    }

    private void change(Runnable changing) {
        locked(lock.writeLock(), () -> {
            changing.run();
            return true;
        });
    }

    private static <T> T locked(Lock lock, Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    NameArena base() {
        return base;
    }

    NameIndex names() {
        return names;
    }

    Feed feed() {
        return feed;
    }

    Revision revision() {
        return revision;
    }

    /** Returns the changes since the start to names not lower than {@code key}, in byte order. */
    NavigableMap<byte[], Change> changesFrom(byte[] key) {
        return changes.tailMap(key, true);
    }

    @Nullable
    Change change(byte[] name) {
        return changes.isEmpty() ? null : changes.get(name);
    }

    @Nullable
    Document find(byte[] name) {
        Change change = change(name);
        if (change == null) {
            return names.contains(name) ? new Document(name, revision.firstGeneration(name), 0, state(name)) : null;
        }
        return change.deleted() ? null : new Document(name, change.generation(), change.published(), state(name));
    }

    /** Returns how often a name changed since the start. */
    int changesOf(byte[] name) {
        Change last = change(name);
        if (last == null) {
            return 0;
        }
        return base.isAt(base.rank(name), name)
                ? last.generation() - revision.firstGeneration(name)
                : last.generation();
    }

    /**
     * Returns the state of the name before its last change since the start. If the name did not change, returns the
     * current state.
     */
    @Nullable
    Document before(byte[] name) {
        Change change = change(name);
        if (change == null) {
            return find(name);
        }
        return change.generation() == 1
                ? null
                : new Document(name, change.generation() - 1, Math.max(0, change.published() - 1), NameState.PRESENT);
    }

    private NameState state(byte[] name) {
        NameState set = states.isEmpty() ? null : states.get(text(name));
        if (set != null) {
            return set;
        }
        return mixedStates && change(name) == null ? mixedState(name) : NameState.PRESENT;
    }

    private NameState mixedState(byte[] name) {
        double chance = Hashing.unit(Hashing.hash(~seed, name));
        double notFound = name[0] == '@' ? SCOPED_NOT_FOUND : UNSCOPED_NOT_FOUND;
        if (chance < notFound) {
            return NameState.NOT_FOUND;
        }
        if (chance < notFound + UNPUBLISHED) {
            return NameState.UNPUBLISHED;
        }
        return chance < notFound + UNPUBLISHED + SECURITY_HOLDER ? NameState.SECURITY_HOLDER : NameState.PRESENT;
    }

    void publish(String name) {
        change(() -> published(name.getBytes(StandardCharsets.UTF_8)));
    }

    void delete(String name) {
        change(() -> deleted(held("delete", name)));
    }

    /** Changes the response for the name, and adds the change to the feed. */
    void become(String name, NameState state) {
        change(() -> become(held("change", name), state));
    }

    private void become(byte[] name, NameState state) {
        states.put(text(name), state);
        Change former = changes.get(name);
        record(name, former == null ? 0 : former.published(), false);
    }

    /** Adds one name and deletes another. The seed and the number of earlier calls determine the names. */
    void drift() {
        change(() -> {
            int step = drifted++;
            long chance = Hashing.mix(seed ^ (0x5bd1e995L * (step + 1L)));
            if (names.size() > 1) {
                deleted(names.get((int) Math.floorMod(chance, (long) names.size())));
            }
            byte[] neighbour = names.size() == 0
                    ? new byte[] {'a'}
                    : names.get((int) Math.floorMod(Hashing.mix(chance), (long) names.size()));
            published((text(neighbour) + "-drift-" + step).getBytes(StandardCharsets.UTF_8));
        });
    }

    /**
     * Makes one change of a kind that occurs in npm. Of 100 changes, 85 are a new version, 7 a new name, 5 a deletion,
     * 2 an unpublish and 1 a security holder. The seed and the number of earlier calls determine the kind and the name.
     */
    void churn() {
        change(() -> {
            long chance = Hashing.mix(seed ^ (0x27d4eb2fL * ++churned));
            if (names.size() == 0) {
                published(("churn-" + churned).getBytes(StandardCharsets.UTF_8));
                return;
            }
            byte[] name = names.get((int) Math.floorMod(Hashing.mix(chance), (long) names.size()));
            int kind = (int) Math.floorMod(chance, 100L);
            if (kind < 85) {
                published(name);
            } else if (kind < 92) {
                published((text(name) + "-churn-" + churned).getBytes(StandardCharsets.UTF_8));
            } else if (kind < 97) {
                deleted(name);
            } else {
                become(name, kind < 99 ? NameState.UNPUBLISHED : NameState.SECURITY_HOLDER);
            }
        });
    }

    void restartSequences() {
        change(() -> feed = feed.restarted((name, seq) -> changes.computeIfPresent(
                name, (key, was) -> new Change(was.generation(), was.published(), was.deleted(), seq))));
    }

    private void published(byte[] name) {
        states.remove(text(name));
        Change former = changes.get(name);
        record(name, 1 + (former == null ? 0 : former.published()), false);
        names = names.with(name);
    }

    private void deleted(byte[] name) {
        states.remove(text(name));
        record(name, 0, true);
        names = names.without(name);
    }

    private byte[] held(String verb, String name) {
        byte[] key = name.getBytes(StandardCharsets.UTF_8);
        if (!names.contains(key)) {
            throw new IllegalArgumentException("Cannot " + verb + " " + name + ": the registry does not contain it");
        }
        return key;
    }

    private void record(byte[] name, int published, boolean deleted) {
        Change former = changes.get(name);
        int generation = 1;
        if (former != null) {
            generation = former.generation() + 1;
            feed.forget(former.seq());
        } else if (names.contains(name)) {
            generation = revision.firstGeneration(name) + 1;
        }
        changes.put(name, new Change(generation, published, deleted, feed.append(name)));
    }

    static String text(byte[] name) {
        return new String(name, StandardCharsets.UTF_8);
    }
}
