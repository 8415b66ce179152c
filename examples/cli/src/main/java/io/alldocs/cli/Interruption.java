package io.alldocs.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Turns SIGINT and SIGTERM into an interrupt of the main thread. The process then ends with the exit code that the
 * program chose, not with that of the signal. If the program does not stop within a time limit, the process is halted.
 * Everything that the program stored before is kept.
 */
final class Interruption {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Thread program;
    private final Consumer<String> say;
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile int exitCode = ExitCode.PARTIAL;

    private Interruption(Thread program, Consumer<String> say) {
        this.program = program;
        this.say = say;
    }

    /**
     * Interrupts the calling thread on a signal, until {@link #finish} is called.
     *
     * @param say receives a line when a signal arrives, and another when the program has stopped
     */
    static Interruption guardThisThread(Consumer<String> say) {
        Interruption interruption = new Interruption(Thread.currentThread(), say);
        Runtime.getRuntime().addShutdownHook(new Thread(interruption::stopProgram, "stop"));
        return interruption;
    }

    /**
     * Sets the exit code and stops handling signals. The program calls this method after it has printed and stored
     * everything.
     */
    void finish(int code) {
        exitCode = code;
        System.out.flush();
        System.err.flush();
        finished.countDown();
    }

    private void stopProgram() {
        if (finished.getCount() == 0) {
            return;
        }
        say.accept("Stopping: waiting for work in flight, for at most " + PATIENCE.toSeconds() + " s.");
        program.interrupt();
        awaitProgram();
        Runtime.getRuntime().halt(exitCode);
    }

    private void awaitProgram() {
        try {
            if (!finished.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                System.err.println("Did not stop within " + PATIENCE.toSeconds() + " s; the process ends now.");
            } else {
                say.accept("Stopped.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
