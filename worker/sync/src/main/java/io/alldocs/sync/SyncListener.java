package io.alldocs.sync;

import io.alldocs.packument.PackumentResult;
import io.alldocs.partition.Sequence;
import java.time.Duration;

/**
 * Receives what a job does. Every method has a default that does nothing.
 *
 * <p>Methods are called on the threads that do the work, several at a time: an implementation must be safe for
 * concurrent use and return soon. One that blocks holds up the thread that called it, and with it the job, which goes
 * on when the method returns; {@link RegistrySync#status} answers meanwhile. What a method throws is logged, the first
 * time as a warning, and the job continues. A method may call {@link RegistrySync#close}, and reading methods such as
 * {@link RegistrySync#packument}.
 */
public interface SyncListener {
    /** Ignores everything. */
    SyncListener NONE = new SyncListener() {};

    /**
     * A phase starts; the one before it, if any, has ended.
     *
     * @param total how many names or changes there will be; 0 when not known
     */
    default void phaseStarted(SyncPhase phase, long total) {}

    /** {@code count} more names or changes of the present phase are done. */
    default void progressed(long count) {}

    /** The present phase ended; no other one follows at once. */
    default void phaseEnded() {}

    /**
     * A request brought {@code result}: a packument or another outcome, which is stored. Names that were current in the
     * cache are not reported.
     */
    default void outcome(PackumentResult result) {}

    /**
     * A request failed after all its retries.
     *
     * @param item a package name, or a partition in words
     */
    default void failed(String item, RuntimeException failure) {}

    /**
     * The feed reported a change, and it is stored. Called at least once for each change of the job's names: a process
     * that was killed may report the same change again. Several changes of a package are one when the feed has only the
     * newest of them.
     */
    default void changed(ChangedPackage change) {}

    /**
     * Everything that is stored will be compared with the origin by revision.
     *
     * @param reason why, as a sentence
     */
    default void reconciling(String reason) {}

    /** The job follows the feed, from {@code position} on. */
    default void following(Sequence position) {}

    /**
     * The origin's sequence is lower than before. The job checks that once more before it compares everything.
     *
     * @param reason what was seen, as a sentence
     */
    default void resetSuspected(String reason) {}

    /**
     * The bootstrap ended although {@code count} requests failed; they are retried while the feed is followed.
     *
     * @param foreign those that something other than the registry answered
     */
    default void requestsFailed(long count, SyncResult.Foreign foreign) {}

    /**
     * The origin, the registry or the store is away; the job waits and tries again. Called again when the cause
     * changes.
     */
    default void paused(RuntimeException cause) {}

    /** The origin, the registry and the store are back, after {@code outage}. */
    default void resumed(Duration outage) {}
}
