package io.alldocs.http.contract;

import io.alldocs.http.HttpTransport;
import io.alldocs.http.JdkTransport;

// region contract
class JdkTransportContractTest extends TransportContract {

    @Override
    protected HttpTransport newTransport() {
        return JdkTransport.builder().connectTimeout(HASTY.connect()).build();
    }
}
// endregion
