package io.alldocs.cli;

import java.util.function.Supplier;

/** Where a long job stands. Safe for concurrent use. */
public interface Progress extends AutoCloseable {

    /** Shows nothing. */
    Progress NONE = new Progress() {
        @Override
        public void begin(String phase, long total) {}

        @Override
        public void advance(long count) {}

        @Override
        public void say(String line) {}

        @Override
        public void end() {}

        @Override
        public void close() {}
    };

    /**
     * Ends the phase under way, if any, and begins another.
     *
     * @param phase what is counted, e.g. names
     * @param total how many there will be; 0 when not known
     */
    void begin(String phase, long total);

    /**
     * As {@link #begin}, for a phase whose rate and time left count only what {@link #received} reports: the rest came
     * from the cache.
     */
    default void beginFetch(String phase, long total) {
        begin(phase, total);
    }

    /** Counts {@code count} as brought by the network; they are counted as done, too, by {@link #advance}. */
    default void received(long count) {}

    /**
     * Shows what {@code words} gives, unless it is empty, behind each rate: why it is low, such as a pause that the
     * registry asked for.
     */
    default void explainWith(Supplier<String> words) {}

    /** Counts {@code count} more as done. */
    void advance(long count);

    /** Shows one line that stays. */
    void say(String line);

    /** Ends the phase under way, if any. */
    void end();

    /** Ends the phase under way, and shows nothing any more. */
    @Override
    void close();
}
