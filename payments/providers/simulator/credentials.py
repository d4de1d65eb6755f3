"""The only credentials that the simulator takes. They open nothing else."""

from payments.models import Provider

SECRETS = {
    Provider.Kind.ORANGE_MONEY: {
        "client_id": "simulator-client",
        "client_secret": "simulator-client-secret",
        "merchant_key": "simulator-merchant",
    },
    Provider.Kind.MTN_MOMO: {
        "api_user": "0b5b7d3e-6c1f-4a0e-9f7e-2f6f3b1c9d10",
        "api_key": "simulator-api-key",
        "subscription_key": "simulator-subscription",
        "target_environment": "sandbox",
        "callback_host": "127.0.0.1",
    },
    Provider.Kind.WAVE: {
        "api_key": "wave_simulator_key",
        "webhook_secret": "wave_simulator_webhook_secret",
    },
    Provider.Kind.DJOMY: {
        "client_id": "djomy-merchant-simulator",
        "client_secret": "djomy-simulator-secret",
    },
}
