package io.alldocs.examples.programs.follow;

import io.alldocs.examples.programs.Progress;

/** Shows the phases of a bootstrap as they are, and the feed as one phase that goes on for ever: on a terminal only, since nobody reads a line every 5 s for a month. */
final class FollowProgress implements Progress {
    private static final String FEED = "changes";

    private final Progress shown;
    private final boolean onTerminal;
    private boolean following;
    private boolean feedIsShown;

    FollowProgress(Progress shown, boolean onTerminal) {
        this.shown = shown;
        this.onTerminal = onTerminal;
    }

    /** From now on the feed is followed. */
    synchronized void following() {
        if (!following) {
            following = true;
            showFeed();
        }
    }

    @Override
    public synchronized void begin(String phase, long total) {
        if (!following) {
            shown.begin(phase, total);
        } else if (phase.equals(FEED)) {
            showFeed();
        } else if (onTerminal) {
            feedIsShown = false;
            shown.begin(phase, total);
        }
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
    public void advance(long count) {
        shown.advance(count);
    }

    @Override
    public void say(String line) {
        shown.say(line);
    }

    @Override
    public synchronized void end() {
        feedIsShown = false;
        shown.end();
    }

    @Override
    public void close() {
        shown.close();
    }
}
