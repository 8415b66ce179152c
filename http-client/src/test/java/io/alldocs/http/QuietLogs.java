package io.alldocs.http;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/** Keeps the warnings that tests provoke out of the build's output; a test that checks them adds its own handler. */
public final class QuietLogs implements LauncherSessionListener {

    static final Logger LOGGER = Logger.getLogger("io.alldocs.http");

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        LOGGER.setUseParentHandlers(false);
        LOGGER.setLevel(Level.ALL);
    }
}
