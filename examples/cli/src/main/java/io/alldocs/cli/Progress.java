package io.alldocs.cli;

import java.util.function.Supplier;

/** Displays the progress of a long job. Safe for concurrent use. */
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
     * Ends the current phase, if any, and begins a new one.
     *
     * @param phase what is counted, such as names
     * @param total the number that will be counted; 0 if unknown
     */
    void begin(String phase, long total);

    /**
     * Begins a phase like {@link #begin}. Its rate and time left count only what {@link #received} reports, because the
     * rest comes from the cache.
     */
    default void beginFetch(String phase, long total) {
        begin(phase, total);
    }

    /**
     * Adds {@code count} to the number received from the network. The caller counts them as done with {@link #advance},
     * too.
     */
    default void received(long count) {}

    /**
     * Shows the text of {@code words} after each rate, unless the text is empty. The text gives the reason for a low
     * rate, such as a pause that the registry requested.
     */
    default void explainWith(Supplier<String> words) {}

    /** Adds {@code count} to the number done. */
    void advance(long count);

    /** Prints one line that remains visible. */
    void say(String line);

    /** Ends the current phase, if any. */
    void end();

    /** Ends the current phase, if any, and stops the display. */
    @Override
    void close();
}
