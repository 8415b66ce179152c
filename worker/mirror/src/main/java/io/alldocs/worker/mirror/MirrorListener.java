package io.alldocs.worker.mirror;

import io.alldocs.packument.VersionRule;
import java.time.Duration;

/**
 * Receives the events of a {@link MirrorServer}. The default implementation of each method does nothing.
 *
 * <p>The mirror calls the methods on its own threads, several at the same time, also on those that serve connections.
 * An implementation must be safe for concurrent use, return quickly and never block. An exception that a method throws
 * is logged, the first time as a warning, and the mirror continues.
 */
public interface MirrorListener {
    /** Ignores every event. */
    MirrorListener NONE = new MirrorListener() {};

    /**
     * Called when a response was written, or broken off.
     *
     * @param route kind of the request from a small fixed set, such as {@code packument}, {@code tarball} or
     *     {@code unknown}; never a name of a package
     * @param status of the response
     * @param time since the request's headers arrived
     */
    default void answered(String route, int status, Duration time) {}

    /** Called when {@code bytes} more bytes of a body are being sent. */
    default void sent(long bytes) {}

    /** Called when the policy refused a requested tarball or manifest because of {@code rule}. */
    default void policyRefused(VersionRule rule) {}

    /** Called for each version that the policy removed from a packument because of {@code rule}. */
    default void policyRemoved(VersionRule rule) {}

    /** Called when {@code event} happened. */
    default void happened(MirrorEvent event) {}
}
