package io.alldocs.http.contract;

import io.alldocs.http.HttpTransport;
import io.alldocs.http.JdkTransport;
import io.alldocs.http.TransportOptions;

// region contract
class JdkTransportContractTest extends TransportContract {

    @Override
    protected HttpTransport newTransport(TransportOptions options) {
        return JdkTransport.of(options);
    }
}
// endregion
