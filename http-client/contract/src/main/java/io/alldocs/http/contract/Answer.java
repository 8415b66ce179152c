package io.alldocs.http.contract;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One hostile answer and what may become of it. Whatever it is, the client must be done with it within its timeouts,
 * with a value or a typed error, and must serve the next requests.
 *
 * @param name of the case, as the report of the tests shows it
 * @param method of the request
 * @param script writes the answer
 * @param after what becomes of the connection then
 * @param whole the only body that may be taken for a whole one; null where every body is a mistake
 * @param mayFail whether a typed error is right too
 */
record Answer(
        String name,
        String method,
        Script script,
        After after,
        @Nullable String whole,
        boolean mayFail) {

    /** What the server does behind the last byte. */
    enum After {
        /** Reads the next request. */
        KEEP,
        /** Ends the connection in order (FIN). */
        CLOSE,
        /** Resets the connection (RST). */
        RESET,
        /** Says nothing more, and reads nothing more. */
        SILENCE
    }

    /** Writes the bytes of an answer. */
    @FunctionalInterface
    interface Script {
        void run(Wire wire) throws IOException, InterruptedException;
    }

    /** An answer that nobody may take for a whole one, on a connection that stays open. */
    static Answer broken(String name, String bytes) {
        return scripted(name, wire -> wire.write(bytes));
    }

    static Answer scripted(String name, Script script) {
        return new Answer(name, "GET", script, After.KEEP, null, true);
    }

    /** An answer of which only these bytes come, one at a time. */
    static Answer slow(String name, String bytes, Duration every) {
        return scripted(name, wire -> wire.writeSlowly(bytes, every));
    }

    Answer then(After end) {
        return new Answer(name + ", then " + end, method, script, end, whole, mayFail);
    }

    /** The answer is in order, though odd: this body must be read. */
    Answer whole(String body) {
        return new Answer(name, method, script, after, body, false);
    }

    /** The answer may be refused; if it is not, this body must be read. */
    Answer wholeIfTaken(String body) {
        return new Answer(name, method, script, after, body, true);
    }

    Answer to(String otherMethod) {
        return new Answer(otherMethod + " " + name, otherMethod, script, after, whole, mayFail);
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
