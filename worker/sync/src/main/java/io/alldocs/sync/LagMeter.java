package io.alldocs.sync;

import io.alldocs.partition.ChangesPage;
import io.alldocs.partition.Sequence;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How far a follower is behind its origin. The feed carries no times, so the time behind is how long ago the origin was
 * first seen at a position that is not reached yet. Sequences are sparse (10,000 changes of npm's spanned 152,000 of
 * them), so rows that were not read yet are estimated by the density of those that were. Safe for concurrent use.
 */
final class LagMeter {
    /** A day of observations at one a minute; past it the time behind is that of the oldest that is kept. */
    private static final int MAX_SIGHTINGS = 1_440;

    private final Deque<Sighting> ahead = new ArrayDeque<>();
    private @Nullable Sequence position;
    private @Nullable Sequence origin;
    private long rowsInHand;
    private double rowsPerSequence;

    private record Sighting(Sequence sequence, Instant at) {}

    /** The follower has dealt with everything up to {@code reached}. */
    synchronized void reached(Sequence reached) {
        position = reached;
        rowsInHand = 0;
        ahead.removeIf(sighting -> !reached.isBefore(sighting.sequence())
                && sighting.sequence().number().isPresent());
    }

    /** The end of the feed was reached: whatever was seen of the origin before lies behind. */
    synchronized void reachedTheEnd(Sequence reached) {
        reached(reached);
        ahead.clear();
        if (origin == null || origin.number().isEmpty() || origin.isBefore(reached)) {
            origin = reached;
        }
    }

    /** The origin stood at {@code sequence}. */
    synchronized void sighted(Sequence sequence, Instant at) {
        origin = sequence;
        ahead.removeIf(sighting -> sighting.at().isAfter(at)); // the clock was set back
        if (!sequence.equals(position) && ahead.size() < MAX_SIGHTINGS) {
            ahead.addLast(new Sighting(sequence, at));
        }
    }

    /** A page has come, and is being worked on. */
    synchronized void received(ChangesPage page) {
        rowsInHand = page.rawResults();
        OptionalLong from = page.since().number();
        OptionalLong to = page.lastSeq().number();
        if (from.isPresent() && to.isPresent() && to.getAsLong() > from.getAsLong()) {
            rowsPerSequence = (double) page.rawResults() / (to.getAsLong() - from.getAsLong());
        }
    }

    /** A new epoch: what was seen of the old one means nothing. */
    synchronized void reset() {
        ahead.clear();
        position = null;
        origin = null;
        rowsInHand = 0;
    }

    synchronized @Nullable Sequence position() {
        return position;
    }

    synchronized @Nullable Sequence origin() {
        return origin;
    }

    /**
     * Sequences between the position and the origin's; empty while one is unknown or no number, or the origin's is
     * lower, which a new epoch's is.
     */
    synchronized OptionalLong sequences() {
        if (position == null || origin == null) {
            return OptionalLong.empty();
        }
        if (position.equals(origin)) {
            return OptionalLong.of(0);
        }
        OptionalLong reached = position.number();
        OptionalLong goal = origin.number();
        return reached.isPresent() && goal.isPresent() && goal.getAsLong() > reached.getAsLong()
                ? OptionalLong.of(goal.getAsLong() - reached.getAsLong())
                : OptionalLong.empty();
    }

    /**
     * Changes that are not dealt with: those in hand, or an estimate where more are not read yet; empty while there is
     * nothing to estimate by.
     */
    synchronized OptionalLong rows() {
        OptionalLong sequences = sequences();
        if (sequences.isEmpty() || (sequences.getAsLong() > 0 && rowsPerSequence == 0)) {
            return rowsInHand > 0 ? OptionalLong.of(rowsInHand) : OptionalLong.empty();
        }
        return OptionalLong.of(Math.max(rowsInHand, Math.round(sequences.getAsLong() * rowsPerSequence)));
    }

    /** How long ago the origin was first seen ahead of the position; zero when it was not. */
    synchronized Duration behind(Instant now) {
        Sighting first = ahead.peekFirst();
        return first == null ? Duration.ZERO : Elapsed.between(first.at(), now);
    }
}
