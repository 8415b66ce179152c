package io.alldocs.storage.emulators;

import io.alldocs.storage.contract.StoreFailureContract;
import java.io.IOException;
import java.net.URI;

// region server
/**
 * The {@link StoreFailureContract} for a driver whose server is an {@link Emulator}. Its messages say that a server
 * could not be reached in the words that all drivers of this project use.
 */
public abstract class EmulatedStoreFailureContract extends StoreFailureContract {
    private Emulator server;

    /** For subclasses; JUnit makes one instance per test. */
    @SuppressWarnings("NullAway.Init") // start() initializes the field
    protected EmulatedStoreFailureContract() {}

    /** Starts a server with an empty store. */
    protected abstract Emulator newServer() throws IOException;

    @Override
    protected URI start() throws IOException {
        server = newServer();
        return server.endpoint();
    }

    @Override
    protected void stop() {
        server.close();
    }

    @Override
    protected void refuseNext(int status) {
        server.answering(status);
    }

    @Override
    protected void refuseAll(int status) {
        server.refuseAll(status);
    }

    @Override
    protected void interceptAll(String type, String page) {
        server.interceptAll(type, page);
    }

    @Override
    protected void recover() {
        server.recover();
    }

    @Override
    protected String unreachable() {
        return "could not be reached, or its response was incomplete";
    }
}
// endregion
