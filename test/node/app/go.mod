module slipway.test/app

go 1.26
