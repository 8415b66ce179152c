package io.alldocs.http;

import java.io.IOException;

/** The selector thread of the JDK's client hangs, in this exchange or in earlier ones. */
final class LostClientException extends IOException {

    private static final long serialVersionUID = 1L;

    private final transient Fault fault;

    private LostClientException(Fault fault, String message) {
        super(message);
        this.fault = fault;
    }

    /** The thread hangs while the body of this exchange arrives, perhaps because of it. */
    static LostClientException inBody(long received) {
        return new LostClientException(Fault.CLIENT_HANGS, received + " bytes of the body came before");
    }

    /** The thread hangs before the headers of this exchange came; another exchange is the likely cause. */
    static LostClientException beforeHeaders() {
        return new LostClientException(Fault.RESET, "the JDK's HTTP client no longer reacted and was replaced");
    }

    static LostClientException tooMany(int threads) {
        return new LostClientException(Fault.CLIENTS_HANG, threads + " threads hang");
    }

    Fault fault() {
        return fault;
    }
}
