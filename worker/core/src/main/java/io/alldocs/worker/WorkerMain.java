package io.alldocs.worker;

import io.alldocs.cache.Env;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Main class of a worker: runs the {@link WorkerRuntime} that the environment selects until SIGTERM (exit code 143) or
 * Ctrl-C (130). Exits with 1 if the worker failed and with 2 if it cannot start, and prints the reason on standard
 * error.
 */
public final class WorkerMain {
    private WorkerMain() {}

    /** Runs a worker. Takes no arguments. */
    public static void main(String[] args) {
        enableProxyPasswords();
        try {
            System.exit(args.length == 0 ? run(Env.system()) : refuse());
        } catch (OutOfMemoryError e) {
            Runtime.getRuntime().halt(1); // stopping in order needs memory too
        }
    }

    /**
     * Allows the JDK's HTTP client to send a proxy password for https, which it omits unless a system property is
     * empty. For the main methods of workers; must run before that client is first used. Leaves the property unchanged
     * if it is already set.
     */
    public static void enableProxyPasswords() {
        if (System.getProperty("jdk.http.auth.tunneling.disabledSchemes") == null) {
            System.setProperty("jdk.http.auth.tunneling.disabledSchemes", "");
        }
    }

    private static int refuse() {
        System.err.println("The worker takes no arguments. Configure it with environment variables; the Javadoc"
                + " of " + WorkerRuntime.class.getName() + " lists them.");
        return 2;
    }

    /**
     * Runs a worker until it fails or the calling thread is interrupted. Prints the address it listens on to standard
     * output.
     *
     * @return the exit code; 0 after an interrupt
     */
    public static int run(Env env) {
        try (WorkerRuntime runtime = WorkerRuntime.create(env)) {
            InetSocketAddress address = runtime.server().address();
            System.out.println("Listening on http://" + address.getHostString() + ":" + address.getPort() + "/");
            Optional<Throwable> failure = runtime.run();
            failure.ifPresent(error -> System.err.println(reason(error)));
            return failure.isPresent() ? 1 : 0;
        } catch (RuntimeException e) {
            System.err.println("The worker cannot start: " + e.getMessage());
            return 2;
        }
    }

    private static String reason(Throwable error) {
        return FailureDecision.isOutOfMemory(error)
                ? "The worker ran out of memory (" + error.getMessage()
                        + "). Restart it. If this happens often, use a larger -Xmx."
                : "The worker failed: " + error.getMessage();
    }
}
