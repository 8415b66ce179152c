package io.alldocs.worker;

import io.alldocs.Env;
import io.alldocs.worker.internal.lease.FailureDecision;
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
        prepareJvm();
        try {
            System.exit(args.length == 0 ? run(Env.system()) : refuse());
        } catch (OutOfMemoryError e) {
            Runtime.getRuntime().halt(1); // an orderly stop would need memory too
        }
    }

    /**
     * Allows the JDK's HTTP client to send a proxy password for https, which it omits unless a system property is
     * empty. For the main methods of workers; must run before that client is first used. Leaves the property unchanged
     * if it is already set.
     */
    public static void enableProxyPasswords() {
        setUnlessSet("jdk.http.auth.tunneling.disabledSchemes", "");
    }

    /**
     * Sets the system properties that a worker needs, unless they are set: those of {@link #enableProxyPasswords}, and
     * the limits of the JDK's HTTP server. For the main methods of programs; must run before the JDK's HTTP client and
     * server are first used.
     *
     * <ul>
     * <li>{@code sun.net.httpserver.nodelay=true}: otherwise a response waits 40 ms for the client's acknowledgement
     * <li>{@code sun.net.httpserver.maxReqTime=10}: seconds in which a request must arrive
     * <li>{@code sun.net.httpserver.maxRspTime=3600}: seconds in which a response must be sent. An item processed
     *     before the response may take as long as Cloud Run allows a request to take
     *     (<a href="https://cloud.google.com/run/docs/configuring/request-timeout">limit</a>)
     * <li>{@code sun.net.httpserver.drainAmount=4194304}: bytes that are read from a rejected body, because a client
     *     that is still sending would not read the response
     * <li>{@code jdk.httpserver.maxConnections=256}
     * </ul>
     */
    public static void prepareJvm() {
        enableProxyPasswords();
        setUnlessSet("sun.net.httpserver.nodelay", "true");
        setUnlessSet("sun.net.httpserver.maxReqTime", "10");
        setUnlessSet("sun.net.httpserver.maxRspTime", "3600");
        setUnlessSet("sun.net.httpserver.drainAmount", String.valueOf(4 << 20));
        setUnlessSet("jdk.httpserver.maxConnections", "256");
    }

    private static void setUnlessSet(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
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
