package io.alldocs.http;

import java.io.IOException;

/** Thrown when the selector thread of the JDK's client hangs, in this exchange or in an earlier one. */
final class HungClientException extends IOException {

    private static final long serialVersionUID = 1L;

    private final transient FailureKind fault;

    private HungClientException(FailureKind fault, String message) {
        super(message);
        this.fault = fault;
    }

    /**
     * Returns the exception for a thread that hangs while the body of this exchange arrives. This exchange may be the
     * cause.
     */
    static HungClientException inBody(long received) {
        return new HungClientException(FailureKind.CLIENT_HANGS, received + " bytes of the body had arrived");
    }

    /**
     * Returns the exception for a thread that hangs before the headers of this exchange arrived; another exchange is
     * the likely cause.
     */
    static HungClientException beforeHeaders() {
        return new HungClientException(FailureKind.RESET, "the JDK's HTTP client stopped responding and was replaced");
    }

    static HungClientException tooMany(int threads) {
        return new HungClientException(FailureKind.CLIENTS_HANG, threads + " threads hang");
    }

    FailureKind fault() {
        return fault;
    }
}
