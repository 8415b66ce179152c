package io.alldocs.cli;

import io.alldocs.packument.PackumentResult;
import io.alldocs.partition.Sequence;
import io.alldocs.sync.SyncListener;
import io.alldocs.sync.SyncPhase;
import io.alldocs.sync.SyncResult;
import java.time.Duration;

/**
 * Shows the progress of a job. Following the feed is a phase without an end. This phase is shown on a terminal only,
 * because lines every 5 s for a month are useless.
 */
public final class JobProgress implements SyncListener {
    private final Progress shown;
    private final boolean onTerminal;
    private boolean following;
    private boolean feedIsShown;
    private volatile boolean isCounted;

    /** Creates a listener that shows progress on {@code shown}, which the caller closes. */
    public JobProgress(Progress shown, boolean onTerminal) {
        this.shown = shown;
        this.onTerminal = onTerminal;
    }

    /** Returns a listener that shows progress on {@code shown}, which uses the terminal if there is one. */
    public static JobProgress on(Progress shown) {
        return new JobProgress(shown, ConsoleProgress.isTerminal());
    }

    @Override
    public synchronized void phaseStarted(SyncPhase phase, long total) {
        isCounted = phase != SyncPhase.PLAN && phase != SyncPhase.SETTLE;
        if (!isCounted) {
            return;
        }
        if (!following && phase == SyncPhase.FETCH) {
            shown.beginFetch(words(phase), total);
        } else if (!following) {
            shown.begin(words(phase), total);
        } else if (phase == SyncPhase.REPLAY) {
            showFeed();
        } else if (onTerminal) {
            feedIsShown = false;
            shown.begin(words(phase), total);
        }
    }

    private static String words(SyncPhase phase) {
        return switch (phase) {
            case LIST, COUNT -> "names";
            case FETCH -> "packuments";
            case REPLAY -> "changes";
            case COMPARE -> "names of the origin";
            case PLAN, SETTLE -> phase.label();
        };
    }

    private void showFeed() {
        if (onTerminal && !feedIsShown) {
            feedIsShown = true;
            shown.begin("following", 0);
        } else if (!onTerminal) {
            shown.end();
        }
    }

    @Override
    public void progressed(long count) {
        if (isCounted) {
            shown.advance(count);
        }
    }

    @Override
    public void outcome(PackumentResult result) {
        shown.received(1);
    }

    @Override
    public synchronized void phaseEnded() {
        feedIsShown = false;
        shown.end();
    }

    @Override
    public synchronized void following(Sequence position) {
        shown.say("Following from sequence " + position + ".");
        if (!following) {
            following = true;
            showFeed();
        }
    }

    @Override
    public void reconciling(String reason) {
        shown.say(reason);
    }

    @Override
    public void resetSuspected(String reason) {
        shown.say(reason + " Requesting again to confirm it.");
    }

    @Override
    public void requestsFailed(long count, SyncResult.Foreign foreign) {
        shown.say(Amount.counted(count, "request") + " failed and " + (count == 1 ? "is" : "are") + " retried."
                + (foreign.names() == 0
                        ? ""
                        : " " + foreign.names()
                                + (foreign.names() == 1 ? " name was" : " names were")
                                + " answered by a server that is not the registry (first: " + foreign.first() + ")."));
    }

    @Override
    public void paused(RuntimeException cause) {
        shown.say(Errors.message(cause) + " Stored data is kept; the request is retried until it succeeds.");
    }

    @Override
    public void resumed(Duration outage) {
        shown.say("The source is available again after " + outage.toSeconds() + " s.");
    }
}
