package io.alldocs.http.contract;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One hostile answer and its permitted outcomes. For any answer, the client must finish within its timeouts, with a
 * value or a typed error. It must then be able to send further requests.
 *
 * @param name of the case, as the test report shows it
 * @param method of the request
 * @param script writes the answer
 * @param after what happens to the connection afterwards
 * @param whole the only body that may be accepted as complete; null if no body may be accepted
 * @param mayFail whether a typed error is correct too
 */
record ScriptedResponse(
        String name,
        String method,
        Script script,
        After after,
        @Nullable String whole,
        boolean mayFail) {

    /** What the server does after the last byte. */
    enum After {
        /** Reads the next request. */
        KEEP,
        /** Closes the connection in order (FIN). */
        CLOSE,
        /** Resets the connection (RST). */
        RESET,
        /** Sends and reads nothing more, and leaves the connection open. */
        SILENCE
    }

    /** Writes the bytes of an answer. */
    @FunctionalInterface
    interface Script {
        void run(Wire wire) throws IOException, InterruptedException;
    }

    /** Creates an answer that must not be accepted as complete, on a connection that stays open. */
    static ScriptedResponse broken(String name, String bytes) {
        return scripted(name, wire -> wire.write(bytes));
    }

    static ScriptedResponse scripted(String name, Script script) {
        return new ScriptedResponse(name, "GET", script, After.KEEP, null, true);
    }

    /** Creates an answer that consists only of these bytes, sent one at a time. */
    static ScriptedResponse slow(String name, String bytes, Duration every) {
        return scripted(name, wire -> wire.writeSlowly(bytes, every));
    }

    ScriptedResponse then(After end) {
        return new ScriptedResponse(name + ", then " + end, method, script, end, whole, mayFail);
    }

    /** Marks the answer as unusual but valid: this body must be read. */
    ScriptedResponse whole(String body) {
        return new ScriptedResponse(name, method, script, after, body, false);
    }

    /** Marks the answer as one that may be refused; if it is accepted, this body must be read. */
    ScriptedResponse wholeIfTaken(String body) {
        return new ScriptedResponse(name, method, script, after, body, true);
    }

    ScriptedResponse to(String otherMethod) {
        return new ScriptedResponse(otherMethod + " " + name, otherMethod, script, after, whole, mayFail);
    }

    void send(Wire wire) throws IOException, InterruptedException {
        script.run(wire);
        switch (after) {
            case KEEP -> {}
            case CLOSE -> wire.close();
            case RESET -> wire.reset();
            case SILENCE -> wire.awaitClose();
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
